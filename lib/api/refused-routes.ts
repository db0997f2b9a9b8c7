import { type Permission, permits } from '../domain/permissions.ts';
import type { Role } from '../domain/words.ts';
import { ROUTES } from './contract.ts';
import type { RouteName } from './wire.ts';

/** What a role may not ask for, each with the permission that it lacks. */
export type RefusedRoutes = Partial<Record<RouteName, Permission>>;

/** Computed from the contract: a page that is given this asks for nothing that would be refused. */
export function refusedRoutes(role: Role): RefusedRoutes {
  const refused: RefusedRoutes = {};
  for (const name of Object.keys(ROUTES) as RouteName[]) {
    const { access } = ROUTES[name];
    if (access === 'anyone' || access === 'signed-in' || permits(role, access)) continue;
    refused[name] = access;
  }
  return refused;
}
