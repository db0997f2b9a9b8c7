'use client';

import Alert from '@cloudscape-design/components/alert';
import type { CallResult } from '../../../lib/api/client.ts';
import { Instant } from '../../_ui/instant.tsx';

const FROM = {
  database: 'kept in the database',
  file: 'kept as a file of the data directory',
  given: 'the one that you gave',
  log: 'the log itself',
} as const;

/** Whether the custody log is whole, and the one that its signed heads vouch for. */
export function CheckResult({ check }: { check: CallResult<'verifyCustody'> }) {
  const { entries, brokenAt, head, heads } = check;
  if (brokenAt !== null) {
    return (
      <Alert type="error">
        The chain is broken at entry {brokenAt}; the {entries} entries before it are whole. Somebody
        has changed the database by hand.
      </Alert>
    );
  }
  if (heads.problems.length > 0) {
    return (
      <Alert
        type="error"
        header={`The chain of ${entries} entries holds together, and it is not the log that was signed`}
      >
        {heads.problems.slice(0, 5).map(({ seq, from, says }) => (
          <div key={`${seq} ${from}`}>
            {says} ({FROM[from]})
          </div>
        ))}
        {heads.problems.length > 5 && <div>… and {heads.problems.length - 5} more</div>}
      </Alert>
    );
  }
  return (
    <Alert type="success">
      The chain of {entries} entries is whole, and agrees with {heads.compared} signed heads
      {heads.newest && (
        <>
          , the newest of entry {heads.newest.seq}, <Instant at={heads.newest.at} />
        </>
      )}
      . Its last hash: <span className="long-word">{head}</span>
    </Alert>
  );
}
