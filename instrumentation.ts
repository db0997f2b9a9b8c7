/** Opens the console when the server starts, so that migrations and the set-up link come before the first request. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== 'nodejs') return;
  const { ending, runningConsole } = await import('./lib/server/startup/running-console.ts');
  // From the start: who asks for events after this process was asked to end must be told so.
  ending();
  const context = await runningConsole();
  const { startDispatcher } = await import('./lib/server/notifications/dispatch.ts');
  startDispatcher(context);
  const { startRetention } = await import('./lib/server/startup/event-retention.ts');
  startRetention(context);
  const { startCustodyHeads } = await import('./lib/server/custody/heads.ts');
  const stopHeads = startCustodyHeads(context);
  ending().addEventListener('abort', () => void stopHeads(), { once: true });
  const { startCustodyWatch } = await import('./lib/server/custody/watch.ts');
  startCustodyWatch(context);
  const { startDiskExpiry } = await import('./lib/server/aws/disk-expiry.ts');
  startDiskExpiry(context);
  const { log, config } = context;
  log.info({ data: config.dataDir, url: config.publicUrl }, 'the console is open');
}
