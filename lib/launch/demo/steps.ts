import { OPTION_RULES } from '../../domain/options.ts';
import type { DemoOptions } from './options.ts';
import {
  acting,
  atSite,
  atStation,
  compare,
  consent,
  fetchCredentials,
  makeJob,
  type Step,
  travelling,
} from './story.ts';

const step = (phase: string, title: string, run: Step['run']): Step => ({ phase, title, run });

const CREATE = step('create', 'the job is created over the API', makeJob);
const PREPARE = step('prepare', 'the station labels a device', atStation(['prepare', 'JOB']));
const SHIP = step('ship', 'the device is shipped to the site', travelling('ship-to-site', 'site'));
const DELIVER = step('ship', 'the device is delivered', acting('deliver'));
const CREDENTIALS = step('credentials', 'manifest and unlock code are fetched', fetchCredentials);
const CONSENT = step('credentials', 'the owner of the host allows the processing steps', consent);
const SHIP_BACK = step(
  'ship-back',
  'the device is shipped to the facility',
  travelling('ship-to-facility', 'dock'),
);
const COPY = step('copy', 'the agent copies, verifies and seals', atSite);
const RESTORE = step('restore', 'the agent writes the objects out at the site', atSite);
const RECEIVE = step(
  'receive',
  'the facility receives the device',
  atStation(['receive'], { more: ['--job', 'JOB'] }),
);
const EXPORT = step(
  'export',
  'the station fills, verifies and seals it',
  atStation(['export', 'JOB'], { during: 'exporting' }),
);
const IMPORT = step(
  'import',
  'the station imports into the store',
  atStation(['import'], { more: ['--no-erase'], during: 'importing' }),
);
const ERASE = step(
  'erase',
  'the station erases the device',
  atStation(['erase'], { more: ['--job', 'JOB'] }),
);
const RETURN = step('return', 'the disk travels back to its owner', travelling('return', 'site'));
const COMPLETE = step('return', 'its owner has it: the job is completed', acting('complete'));
const COMPARE = step('compare', 'every object is compared with its source', compare);

/** The story of each kind of job, in its order. */
const STORIES: Record<'appliance' | 'disk', Record<DemoOptions['type'], Step[]>> = {
  appliance: {
    import: [
      CREATE,
      PREPARE,
      SHIP,
      DELIVER,
      CREDENTIALS,
      COPY,
      SHIP_BACK,
      RECEIVE,
      IMPORT,
      COMPARE,
      ERASE,
    ],
    export: [
      CREATE,
      PREPARE,
      EXPORT,
      SHIP,
      DELIVER,
      CREDENTIALS,
      RESTORE,
      COMPARE,
      SHIP_BACK,
      RECEIVE,
      ERASE,
    ],
  },
  disk: {
    import: [CREATE, CREDENTIALS, COPY, SHIP_BACK, RECEIVE, IMPORT, COMPARE, RETURN, COMPLETE],
    export: [
      CREATE,
      SHIP_BACK,
      RECEIVE,
      EXPORT,
      RETURN,
      DELIVER,
      CREDENTIALS,
      RESTORE,
      COMPARE,
      COMPLETE,
    ],
  },
};

/** The steps of the demo for an option and type. */
export function stepsOf({ option, type, plan }: DemoOptions): Step[] {
  const story = STORIES[OPTION_RULES[option].deviceShipsFirst ? 'appliance' : 'disk'][type];
  return plan ? story.flatMap((one) => (one === CREDENTIALS ? [one, CONSENT] : [one])) : story;
}
