import type { PersonRole } from '../../lib/domain/words.ts';

export const ROLE_NAMES: Record<PersonRole, string> = {
  viewer: 'viewer',
  operator: 'operator',
  facility: 'facility staff',
  admin: 'administrator',
};
