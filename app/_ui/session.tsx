'use client';
import type { PersonRole } from '../../lib/domain/words.ts';
export interface Person {
  id: string;
  name: string;
  email: string;
  role: PersonRole;
}
export function useSignOut() {
  return async () => {};
}
