/** Opens the console when the server starts, so that migrations and the set-up link come before the first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { ending, runningConsole } = await import('./lib/server/startup/running-console.ts');
  // From the start: who asks for events after this process was asked to end must be told so.
  ending();
  const console = await runningConsole();
  const { startDispatcher } = await import('./lib/server/notifications/dispatch.ts');
  startDispatcher(console);
  const { startRetention } = await import('./lib/server/startup/event-retention.ts');
  startRetention(console);
  const { startCustodyHeads } = await import('./lib/server/custody/heads.ts');
  const stopHeads = startCustodyHeads(console);
  ending().addEventListener('abort', () => void stopHeads(), { once: true });
  const { startCustodyWatch } = await import('./lib/server/custody/watch.ts');
  startCustodyWatch(console);
  const { startDiskExpiry } = await import('./lib/server/aws/disk-expiry.ts');
  startDiskExpiry(console);
  const { log, config } = console;
  log.info({ data: config.dataDir, url: config.publicUrl }, 'the console is open');
}
