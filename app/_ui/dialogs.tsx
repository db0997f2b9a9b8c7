'use client';

import Box from '@cloudscape-design/components/box';
import Button from '@cloudscape-design/components/button';
import Modal from '@cloudscape-design/components/modal';
import SpaceBetween from '@cloudscape-design/components/space-between';
import type { ReactNode } from 'react';
import { Failure } from './failure.tsx';

interface DialogProps {
  /** The question; also the accessible name of the dialog. */
  title: string;
  children: ReactNode;
  /** The word of the button that does it. */
  confirm: string;
  size?: 'small' | 'medium' | 'large';
  onClose: () => void;
}

/** A change through the API: the dialog is busy while it runs, and says what went wrong. */
interface Call {
  isPending: boolean;
  error: unknown;
}

interface CallDialogProps extends DialogProps {
  /** The change that the dialog makes; several when it makes one of them. */
  call: Call | readonly Call[];
  dismiss?: string;
  disabled?: boolean;
  onConfirm: () => void;
}

/** A dialog that makes one change: what follows from it, a button that does it and one that does not. */
export function CallDialog({ call, children, onClose, ...props }: CallDialogProps) {
  const calls = [call].flat();
  const error = calls.find((one) => one.error)?.error;
  return (
    <Modal
      visible
      header={props.title}
      size={props.size ?? 'medium'}
      closeAriaLabel="Close dialog"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <SpaceBetween direction="horizontal" size="xs">
            <Button variant="link" onClick={onClose}>
              {props.dismiss ?? 'Cancel'}
            </Button>
            <Button
              variant="primary"
              loading={calls.some(({ isPending }) => isPending)}
              disabled={props.disabled ?? false}
              onClick={props.onConfirm}
            >
              {props.confirm}
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

/** A dialog that only tells something. */
export function TellDialog({ title, children, confirm, size, onClose }: DialogProps) {
  return (
    <Modal
      visible
      header={title}
      size={size ?? 'medium'}
      closeAriaLabel="Close dialog"
      onDismiss={onClose}
      footer={
        <Box float="right">
          <Button variant="primary" onClick={onClose}>
            {confirm}
          </Button>
        </Box>
      }
    >
      <SpaceBetween size="m">{children}</SpaceBetween>
    </Modal>
  );
}
