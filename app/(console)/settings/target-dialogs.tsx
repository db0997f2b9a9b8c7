'use client';

import Alert from '@cloudscape-design/components/alert';
import Box from '@cloudscape-design/components/box';
import Checkbox from '@cloudscape-design/components/checkbox';
import FormField from '@cloudscape-design/components/form-field';
import RadioGroup from '@cloudscape-design/components/radio-group';
import { useState } from 'react';
import type { NotificationChoice, TargetKind } from '../../../lib/domain/notifications.ts';
import { useCall } from '../../_data/api.ts';
import { ChoiceFields } from '../../_parts/notification-fields.tsx';
import { Copyable } from '../../_ui/copyable.tsx';
import { CallDialog, TellDialog } from '../../_ui/dialogs.tsx';
import { TextField } from '../../_ui/text-field.tsx';
import type { Target } from './target.ts';

interface TargetDialogProps {
  /** The target to edit; none to add one. */
  target?: Target;
  onClose: () => void;
  /** What is to be shown once, for a webhook. */
  onAdded?: (secret: string | null) => void;
}

/** Adds a target, or edits one. */
export function TargetDialog({ target, onClose, onAdded }: TargetDialogProps) {
  const [kind, setKind] = useState<TargetKind>(target?.kind ?? 'webhook');
  const [name, setName] = useState(target?.name ?? '');
  const [address, setAddress] = useState(target?.address ?? '');
  const [everyJob, setEveryJob] = useState(target?.everyJob ?? true);
  const [choice, setChoice] = useState<NotificationChoice>({
    notifyAll: target?.notifyAll ?? true,
    states: target?.states ?? [],
    attention: target?.attention ?? true,
  });
  const add = useCall('addTarget', ({ secret }) => onAdded?.(secret));
  const change = useCall('changeTarget', onClose);
  const body = { name, address, everyJob, ...choice };
  const save = () =>
    target
      ? change.mutate({ params: { targetId: target.id }, body })
      : add.mutate({ body: { ...body, kind } });
  return (
    <CallDialog
      title={target ? `Edit ${target.name}` : 'Add a notification target'}
      confirm={target ? 'Save' : 'Add'}
      call={[add, change]}
      onClose={onClose}
      onConfirm={save}
    >
      {!target && (
        <FormField label="Way">
          <RadioGroup
            value={kind}
            items={[
              {
                value: 'webhook',
                label: 'Webhook',
                description: 'A signed HTTP POST, as Standard Webhooks has it.',
              },
              { value: 'email', label: 'E-mail', description: 'Through the mail server below.' },
            ]}
            onChange={({ detail }) => setKind(detail.value === 'email' ? 'email' : 'webhook')}
          />
        </FormField>
      )}
      <TextField label="Name" value={name} onChange={setName} />
      <TextField
        label={kind === 'webhook' ? 'URL' : 'E-mail address'}
        placeholder={kind === 'webhook' ? 'https://hooks.example.org/waybill' : 'ops@example.org'}
        value={address}
        onChange={setAddress}
      />
      <ChoiceFields value={choice} onChange={setChoice} />
      <Checkbox
        checked={everyJob}
        description="Otherwise only of jobs that name it; such a job says itself what is told."
        onChange={({ detail }) => setEveryJob(detail.checked)}
      >
        Hears of every job
      </Checkbox>
    </CallDialog>
  );
}

/** The secret of a webhook, once. */
export function SecretDialog({ secret, onClose }: { secret: string; onClose: () => void }) {
  return (
    <TellDialog title="The secret of the webhook" confirm="I have kept it" onClose={onClose}>
      <Alert type="warning">It is shown only now. The receiver checks signatures with it.</Alert>
      <Copyable text={secret} what="secret" />
    </TellDialog>
  );
}

const CONSEQUENCES = {
  remove: {
    title: (name: string) => `Remove ${name}?`,
    confirm: 'Remove',
    text: 'It hears nothing more, and what waits for it is not sent.',
  },
  renew: {
    title: (name: string) => `New secret for ${name}?`,
    confirm: 'Make a new secret',
    text: 'The old one is void at once: until the receiver has the new one, it refuses what it is sent.',
  },
  disable: {
    title: (name: string) => `Disable ${name}?`,
    confirm: 'Disable',
    text: 'What happens meanwhile is not told. What waits already is sent when it is enabled again.',
  },
} as const;

interface ConsequenceDialogProps {
  action: keyof typeof CONSEQUENCES;
  target: Target;
  onClose: () => void;
  onSecret: (secret: string) => void;
}

/** Asks before something that cannot be taken back unnoticed. */
export function ConsequenceDialog({ action, target, onClose, onSecret }: ConsequenceDialogProps) {
  const { title, confirm, text } = CONSEQUENCES[action];
  const params = { targetId: target.id };
  const remove = useCall('removeTarget', onClose);
  const disable = useCall('changeTarget', onClose);
  const renew = useCall('renewTargetSecret', ({ secret }) => secret && onSecret(secret));
  const calls = {
    remove: () => remove.mutate({ params }),
    disable: () => disable.mutate({ params, body: { disabled: true } }),
    renew: () => renew.mutate({ params }),
  };
  return (
    <CallDialog
      title={title(target.name)}
      confirm={confirm}
      call={[remove, disable, renew]}
      onClose={onClose}
      onConfirm={calls[action]}
    >
      <Box>{text}</Box>
    </CallDialog>
  );
}
