import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { formatBytes } from '../../../lib/domain/sizes.ts';
import {
  DATA_SETS,
  type DataSet,
  type DataSetName,
  expectedSize,
  makeDataSet,
  roomOf,
  sizeOfTree,
} from '../measure/datasets.ts';
import type { FoundPeer } from '../measure/peers.ts';
import { type Place, roomIn } from '../measure/places.ts';
import type { BenchOptions } from '../options.ts';
import { CONTESTANTS } from './contestants.ts';
import type { Equipment } from './environment.ts';
import { type Comparison, runRounds } from './rounds.ts';
import { WORKS, type Work } from './workloads.ts';

/** What is compared in each place unless other works are asked for. */
const DEFAULT_WORKS: Record<Place['name'], readonly Work[]> = {
  tmpfs: WORKS,
  disk: ['load', 'bag'],
};
/** A volume and what is restored from it, with what file systems take for themselves. */
const COPIES = 2.2;

export interface CompareOptions {
  options: BenchOptions;
  places: Place[];
  peers: FoundPeer[];
  equipment: Equipment;
  say(text: string): void;
  note(text: string): void;
  onComparison(comparison: Comparison): void;
}

/** Every data set in every place, one after the other. */
export async function compareAll(told: CompareOptions): Promise<Comparison[]> {
  const { options } = told;
  if (options.source !== undefined) {
    const source = { name: 'source', dir: options.source, ...sizeOfTree(options.source) };
    return compareOne(source, told);
  }
  const comparisons: Comparison[] = [];
  for (const name of options.only) {
    const dataSet = await makeIn(name, told);
    if (!dataSet) continue;
    comparisons.push(...(await compareOne(dataSet, told)));
    await rm(dataSet.dir, { recursive: true, force: true });
  }
  return comparisons;
}

/** Makes a data set in the first place with room for it and for what is done with it there. */
async function makeIn(name: DataSetName, told: CompareOptions): Promise<DataSet | undefined> {
  const { options, places, say, note } = told;
  const groups = DATA_SETS[name][options.quick ? 'quick' : 'groups'];
  const room = roomOf(expectedSize(groups));
  const neededIn = (place: Place) =>
    room * (1 + (options.places.includes(place.name) ? COPIES : 0));
  const place = places.find((each) => roomIn(each.dir) >= neededIn(each));
  if (!place) {
    note(`${name}: left out, no place has ${formatBytes(room * (1 + COPIES))} of room`);
    return undefined;
  }
  say(`making ${name} in ${place.name} …`);
  return makeDataSet(name, join(place.dir, `source-${name}`), groups);
}

async function compareOne(dataSet: DataSet, told: CompareOptions): Promise<Comparison[]> {
  const { options, peers, equipment, say, note, onComparison } = told;
  const installed = peers.filter(({ version }) => version).map(({ peer }) => peer);
  const contestants = CONTESTANTS.filter(({ peer }) => !peer || installed.includes(peer));
  const comparisons: Comparison[] = [];
  for (const place of told.places.filter(({ name }) => options.places.includes(name))) {
    const needed = roomOf(dataSet) * COPIES;
    if (roomIn(place.dir) < needed) {
      note(`${dataSet.name}, ${place.name}: left out, ${formatBytes(needed)} of room are needed`);
      continue;
    }
    const works = options.works ?? [...DEFAULT_WORKS[place.name]];
    const comparison = await runRounds({
      place,
      dataSet,
      works,
      contestants,
      equipment,
      rounds: options.rounds,
      judged: !options.quick,
      onRun: say,
    });
    onComparison(comparison);
    comparisons.push(comparison);
  }
  return comparisons;
}
