'use client';

import CopyToClipboard from '@cloudscape-design/components/copy-to-clipboard';

interface CopyableProps {
  text: string;
  /** What is copied, for the accessible name: "job id", "command". */
  what: string;
}

/** A value with a button that copies it. */
export function Copyable({ text, what }: CopyableProps) {
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={text}
      textToDisplay={<span className="long-word">{text}</span>}
      copyButtonAriaLabel={`Copy ${what}`}
      copySuccessText={`Copied ${what}`}
      copyErrorText={`Could not copy ${what}`}
      popoverRenderWithPortal
    />
  );
}

/** A command line to type in a terminal, with a button that copies it. */
export function Command({ text, what = 'command' }: { text: string; what?: string }) {
  return (
    <CopyToClipboard
      variant="inline"
      textToCopy={text}
      textToDisplay={<code className="command">{text}</code>}
      copyButtonAriaLabel={`Copy ${what}`}
      copySuccessText={`Copied ${what}`}
      copyErrorText={`Could not copy ${what}`}
      popoverRenderWithPortal
    />
  );
}
