import { randomFillSync } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '../../lib/api/client.ts';
import type { JobDetail } from '../../lib/api/schemas/job-schemas.ts';
import { MB, TB } from '../../lib/domain/sizes.ts';
import type { World } from '../world.ts';
import { Story } from './story.ts';

const BUCKET = 'archive';

/** Jobs that the pictures show: each was carried by the real console, station and agent to where it stands. */
export interface Stories {
  /** Completed, with its report. */
  completed: JobDetail;
  /** At the site; `copy` runs the agent there, to the seal. */
  copying: JobDetail & { copy: () => Promise<void> };
  /** On its way, with scans and tamper seals. */
  travelling: JobDetail;
  /** Something went wrong. */
  damaged: JobDetail;
  /** Managed by command line. */
  disk: JobDetail;
}

/** Brings the jobs of the pictures to where they stand. `files`: of each copy; many take long enough to be watched. */
export async function tellStories(
  world: World,
  files = { survey: 300, film: 500 },
): Promise<Stories> {
  const api = await world.api();
  const addressId = await makePlaces(api);
  const story = async (name: string, type: 'import' | 'export', prefix: string) => {
    const option = { option: 'snowball', sizeBytes: 50 * TB } as const;
    const place = { storeId: 'embedded', bucket: BUCKET, prefix };
    const body = { name, type, addressId, ...option, ...place };
    const job = await api.call('createJob', { body });
    return new Story(world, api, job.id);
  };
  const survey = join(world.dir, 'survey');
  await writeFiles(survey, 'line', files.survey, 2 * MB);
  const completed = await story('Seismic survey 2026', 'import', 'survey-2026/');
  await completed.toSite('SB-1001', ['004417', '004418']);
  await completed.copy(survey);
  await completed.ship('ship-to-facility', ['004420', '004421']);
  await completed.reaches('completed');

  const film = join(world.dir, 'film');
  await writeFiles(film, 'reel', files.film, 6 * MB);
  const copying = await story('Film archive', 'import', 'film/');
  await copying.toSite('SB-1002', ['004430']);

  const travelling = await story('Hospital images', 'import', 'images/');
  await travelling.toCarrier('SB-1003', ['004440', '004441']);
  await travelling.scan('Depot North', 'left on time');
  await travelling.scan('Rotterdam hub', '');

  const damaged = await story('Map tiles', 'import', 'tiles/');
  await damaged.toSite('SB-1004', ['004450']);
  await damaged.report('damaged', 'The case is dented on one side.');

  const disk = await api.call('createJob', {
    body: {
      name: 'Lab results',
      option: 'disk',
      type: 'import',
      sizeBytes: 8 * TB,
      storeId: 'embedded',
      bucket: BUCKET,
      prefix: 'lab/',
    },
  });
  await story('Tax records', 'export', 'survey-2026/');
  return {
    completed: await completed.now(),
    copying: { ...(await copying.now()), copy: () => copying.copy(film) },
    travelling: await travelling.now(),
    damaged: await damaged.now(),
    disk,
  };
}

/** Bucket, facility and site. Returns the id of the site's address. */
async function makePlaces(api: Client): Promise<string> {
  await api.call('makeBucket', { params: { storeId: 'embedded' }, body: { bucket: BUCKET } });
  await api.call('setFacilityAddress', {
    body: {
      name: 'Waybill facility',
      street1: 'Havenweg 12',
      city: 'Rotterdam',
      postalCode: '3011 AA',
      country: 'NL',
      phoneNumber: '+31 10 1234567',
    },
  });
  const site = await api.call('addAddress', {
    body: {
      name: 'North Sea Surveys',
      street1: 'Kaistraat 4',
      city: 'Groningen',
      postalCode: '9711 AB',
      country: 'NL',
      phoneNumber: '+31 50 1234567',
    },
  });
  return site.id;
}

/** Files that do not compress, as archives hold them. Not all at once: a console that is not listened to for long hangs up. */
async function writeFiles(dir: string, name: string, count: number, bytes: number): Promise<void> {
  mkdirSync(dir);
  const content = Buffer.allocUnsafe(bytes);
  for (let i = 1; i <= count; i += 1) {
    const file = `${name}-${String(i).padStart(4, '0')}.dat`;
    await writeFile(join(dir, file), randomFillSync(content));
  }
}
