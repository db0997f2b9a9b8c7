import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { WaybillError } from '../../domain/errors.ts';
import { isWord, PEOPLE_ROLES } from '../../domain/words.ts';
import type { Actor } from '../actors/actor.ts';
import { createAccessKey } from '../people/access-keys.ts';
import { addPerson, changePerson, personOf } from '../people/people.ts';
import { createToken } from '../people/tokens.ts';
import type { Admin } from './open-admin.ts';

/** Whoever can write the data directory is trusted; the custody log names the command. */
const HOST: Actor = { id: 'system:admin-command', role: 'admin', channel: 'token' };

interface PasswordOptions {
  passwordFile?: string;
}

/** The password from a file, or a new one that is shown once. */
function passwordOf({ passwordFile }: PasswordOptions): { password: string; shown: string } {
  if (!passwordFile) {
    const password = randomBytes(15).toString('base64url');
    return { password, shown: `password, shown once: ${password}` };
  }
  const password = readFileSync(passwordFile, 'utf8').trim();
  if (password.length < 12) {
    throw new WaybillError('BadRequest', { detail: 'a password has at least 12 characters' });
  }
  return { password, shown: 'the password is the one of the file' };
}

/** Adds a person. Returns what to tell. Throws EmailTaken, BadRequest. */
export async function createUser(
  { db }: Admin,
  options: PasswordOptions & { email: string; name?: string; role: string },
): Promise<string> {
  const { email, name = email, role } = options;
  if (!isWord(PEOPLE_ROLES, role)) {
    throw new WaybillError('BadRequest', { detail: `--role is one of ${PEOPLE_ROLES.join(', ')}` });
  }
  const { password, shown } = passwordOf(options);
  const person = await addPerson(db, HOST, { email, name, role, password }, new Date());
  return `${person.email} is ${role}\n${shown}`;
}

/** Gives a person a new password and lets them in again. Returns what to tell. Throws NotFound. */
export async function resetPassword(
  { db }: Admin,
  email: string,
  options: PasswordOptions,
): Promise<string> {
  const { password, shown } = passwordOf(options);
  const change = { password, disabled: false };
  await changePerson(db, HOST, email.toLowerCase(), change, new Date());
  return `${email} has a new password; all sessions are ended\n${shown}`;
}

/** Makes a bearer token of a person. Returns it. Throws NotFound. */
export async function createAccessToken(
  { db }: Admin,
  email: string,
  name: string,
): Promise<string> {
  const { actor, personId, role } = await personActor(db, email);
  const request = { kind: 'person', name, subject: personId, role } as const;
  const { token } = await createToken(db, actor, request, new Date());
  return token;
}

/**
 * Makes an access key of a person for signed requests. Returns a profile of the AWS CLI's credentials file, which can be
 * added to its end. Throws NotFound, Usage for a profile's name that would break the file.
 */
export async function createPersonsAccessKey(
  { db, kms }: Admin,
  email: string,
  { name, profile }: { name: string; profile: string },
): Promise<string> {
  if (!/^[A-Za-z0-9._-]{1,64}$/.test(profile))
    throw new WaybillError('Usage', {
      detail: '--profile is a name of letters, digits, . _ and -',
    });
  const { actor } = await personActor(db, email);
  const { id, secret } = await createAccessKey({ db, kms }, actor, { name }, new Date());
  return `\n[${profile}]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}`;
}

async function personActor(db: Admin['db'], email: string) {
  const person = await personOf(db.read, email.toLowerCase());
  if (!person) throw new WaybillError('NotFound', { what: 'person', id: email });
  const { id: personId, role } = person;
  const actor: Actor = { id: `person:${personId}`, role, channel: 'token' };
  return { actor, personId, role };
}
