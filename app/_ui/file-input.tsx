'use client';

import FileUpload from '@cloudscape-design/components/file-upload';

interface OneFileProps {
  file: File | undefined;
  /** Kinds of files that are offered first, as `accept` of HTML. */
  accept?: string;
  dropText: string;
  onChange: (file: File | undefined) => void;
}

/** Takes one file from a dialog or by dropping. */
export function OneFile({ file, accept, dropText, onChange }: OneFileProps) {
  return (
    <FileUpload
      value={file ? [file] : []}
      {...(accept !== undefined && { accept })}
      showFileSize
      onChange={({ detail }) => onChange(detail.value[0])}
      i18nStrings={{
        uploadButtonText: () => 'Choose a file',
        dropzoneText: () => dropText,
        removeFileAriaLabel: () => 'Remove the file',
        limitShowFewer: 'Fewer',
        limitShowMore: 'More',
        errorIconAriaLabel: 'Error',
      }}
    />
  );
}
