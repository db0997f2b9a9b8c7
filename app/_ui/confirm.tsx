'use client';

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import { Failure } from './failure.tsx';

interface ConfirmProps {
  /** The question; also the accessible name of the dialog. */
  title: string;
  /** What follows from it, said before it is done. */
  children: ReactNode;
  /** The word of the button that does it. */
  confirm: string;
  dismiss?: string;
  busy?: boolean;
  disabled?: boolean;
  error?: unknown;
  size?: 'small' | 'medium' | 'large';
  onConfirm: () => void;
  onDismiss: () => void;
}

/** A dialog: what will happen, a button that does it and one that does not. */
export function Confirm(props: ConfirmProps) {
  const { title, children, confirm, dismiss = 'Cancel', busy, disabled, error } = props;
  return (
    <Modal
      visible
      header={title}
      size={props.size ?? 'medium'}
      closeAriaLabel="Close dialog"
      onDismiss={props.onDismiss}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={props.onDismiss}>
              {dismiss}
            </Button>
            <Button
              variant="primary"
              loading={busy ?? false}
              disabled={disabled ?? false}
              onClick={props.onConfirm}
            >
              {confirm}
            </Button>
          </SpaceBetween>
        </Box>
      }
    >
      <SpaceBetween size="m">
        {children}
        {error ? <Failure error={error} /> : null}
      </SpaceBetween>
    </Modal>
  );
}

interface CallDialogProps extends Omit<ConfirmProps, 'busy' | 'error' | 'onDismiss'> {
  /** The change that the dialog makes: it is busy while the call is, and says what went wrong. */
  call: { isPending: boolean; error: unknown };
  onClose: () => void;
}

/** A dialog that makes one change through the API. */
export function CallDialog({ call, onClose, ...props }: CallDialogProps) {
  return <Confirm {...props} busy={call.isPending} error={call.error} onDismiss={onClose} />;
}
