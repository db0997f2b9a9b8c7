'use client';

/**
 * Every page carries it, and it has to show itself when scripts of the console cannot be fetched any more: it is
 * made of nothing else.
 */
export default function EntryError({ reset }: { reset: () => void }) {
  return (
    <main className="centered">
      <div>
        <h1>This page could not be shown</h1>
        <p>
          Something in it has failed. Try again; if it fails again, the log of the console says why.
        </p>
        <button type="button" onClick={reset}>
          Try again
        </button>
      </div>
    </main>
  );
}
