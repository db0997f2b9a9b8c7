'use client';

import Box from '@cloudscape-design/components/box';
import { Command } from '../../_ui/copyable.tsx';
import { TellDialog } from '../../_ui/dialogs.tsx';

const MOST = 50;

interface CommandsDialogProps {
  commands: readonly string[];
  onClose: () => void;
}

/** The commands for jobs that are managed outside the console. */
export function CommandsDialog({ commands, onClose }: CommandsDialogProps) {
  return (
    <TellDialog title="Managed outside the console" confirm="Done" onClose={onClose}>
      <Box>Disk jobs are changed by command line and API. The next steps of those chosen:</Box>
      {commands.slice(0, MOST).map((command) => (
        <Command key={command} text={command} />
      ))}
    </TellDialog>
  );
}
