import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { accessSync, constants, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { invariant } from '../../../lib/domain/invariant.ts';

/** The programs that Waybill is compared with. */

export const PEERS = ['cp', 'rsync', 'rclone', 'age', 'restic', 'borg', 'sha256sum'] as const;
export type Peer = (typeof PEERS)[number];

const PROGRAMS: Record<Peer, { needs: string[]; version: string[] }> = {
  cp: { needs: ['cp'], version: ['cp', '--version'] },
  rsync: { needs: ['rsync'], version: ['rsync', '--version'] },
  rclone: { needs: ['rclone'], version: ['rclone', 'version'] },
  age: { needs: ['tar', 'age', 'age-keygen', 'sh'], version: ['age', '--version'] },
  restic: { needs: ['restic'], version: ['restic', 'version'] },
  borg: { needs: ['borg'], version: ['borg', '--version'] },
  sha256sum: { needs: ['sha256sum', 'find', 'xargs'], version: ['sha256sum', '--version'] },
};

export interface FoundPeer {
  peer: Peer;
  /** What it calls itself; undefined when it is missing. */
  version: string | undefined;
  missing: string[];
}

/** Looks which peers are installed. */
export const findPeers = (peers: readonly Peer[]): FoundPeer[] =>
  peers.map((peer) => {
    const { needs, version } = PROGRAMS[peer];
    const missing = needs.filter((program) => !isInstalled(program));
    return { peer, missing, version: missing.length === 0 ? firstLine(version) : undefined };
  });

function isInstalled(program: string): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((dir) => {
    try {
      accessSync(join(dir, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

function firstLine([file = '', ...args]: string[]): string {
  const { stdout, stderr } = spawnSync(file, args, { encoding: 'utf8' });
  const [line = 'unknown version'] = `${stdout}${stderr}`.trim().split('\n');
  return line.replace(/\s+/g, ' ');
}

/** Fresh secrets of the peers that encrypt. */
export interface PeerSecrets {
  /** Public: whom age encrypts to. */
  ageRecipient: string;
  /** As rclone wants it in its configuration. */
  rclonePassword: string;
  rcloneSalt: string;
  /** Of restic and borg. */
  passphrase: string;
}

/** Makes the secrets; the identity of age is written into `dir`. */
export function makePeerSecrets(dir: string, peers: FoundPeer[]): PeerSecrets {
  const has = (peer: Peer) => peers.some((each) => each.peer === peer && each.version);
  const obscured = () => output('rclone', ['obscure', '-'], randomBytes(32).toString('base64url'));
  const secrets = { ageRecipient: '', rclonePassword: '', rcloneSalt: '' };
  if (has('rclone')) Object.assign(secrets, { rclonePassword: obscured(), rcloneSalt: obscured() });
  if (has('age')) {
    const identity = output('age-keygen', [], '');
    writeFileSync(join(dir, 'age-identity.txt'), identity, { mode: 0o600 });
    secrets.ageRecipient = /public key: (age1[a-z0-9]+)/.exec(identity)?.[1] ?? '';
  }
  return { ...secrets, passphrase: randomBytes(24).toString('base64url') };
}

function output(file: string, args: string[], input: string): string {
  const { stdout, status, stderr } = spawnSync(file, args, { encoding: 'utf8', input });
  invariant(status === 0, `${file} ended with ${status}: ${stderr}`);
  return stdout.trim();
}

/** A remote `crypt:` that encrypts contents and names into a directory. */
export function writeRcloneConfig(path: string, target: string, secrets: PeerSecrets): void {
  const lines = [
    '[crypt]',
    'type = crypt',
    `remote = ${target}`,
    `password = ${secrets.rclonePassword}`,
    `password2 = ${secrets.rcloneSalt}`,
  ];
  writeFileSync(path, `${lines.join('\n')}\n`, { mode: 0o600 });
}
