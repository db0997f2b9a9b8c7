import type { Action } from './lifecycle.ts';

/** Who has to do something. */
export const DOERS = {
  operator: 'The operator',
  facility: 'The facility',
  store: 'The administrator of the store',
  station: 'The station of the facility, by itself',
  agent: 'The agent at the site, by itself',
  nobody: 'Nobody',
} as const;

export type Doer = keyof typeof DOERS;

/** What has to happen now so that a job goes on. */
export interface NextStep {
  what: string;
  who: Doer;
  why: string;
  /** The action of the lifecycle that it is; else it is work on the device, and `see` says where it is told of. */
  action?: Action;
  see?: 'progress' | 'credentials' | 'shipments' | 'report';
  /** What somebody is asked for first; it holds nothing up unless the action has to wait for it. */
  asks?: Ask;
}

/** What people are asked for beside the actions of the lifecycle: the words of its button, and its command. */
export const ASKS = {
  'compare-seals': {
    label: 'Compare tamper seals',
    command: 'waybill job seals JOB --seal NUMBER',
  },
} as const;

export type Ask = keyof typeof ASKS;
