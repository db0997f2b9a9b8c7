/**
 * What the embedded station needs of the environment: to find programs, its home, the time zone and language, the proxies
 * and authorities of this network. It is given names, not spared some: what the console was started with holds its master
 * key and whatever else of secrets this host has.
 */
const PASSED: readonly RegExp[] = [
  /^(PATH|HOME|USER|LOGNAME|TMPDIR|TZ|LANG|LANGUAGE)$/,
  /^LC_[A-Z]+$/,
  /^(HTTP|HTTPS|NO|ALL)_PROXY$/i,
  /^(NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR)$/,
];

/** The environment of the embedded station. */
export function stationEnvironment(env: Record<string, string | undefined>): NodeJS.ProcessEnv {
  const passed = Object.entries(env).filter(([name]) => PASSED.some((one) => one.test(name)));
  return { ...Object.fromEntries(passed), NODE_ENV: 'production' };
}
