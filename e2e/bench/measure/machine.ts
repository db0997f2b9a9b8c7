import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, release, type as systemName, totalmem } from 'node:os';
import { MiB } from '../../../lib/domain/sizes.ts';
import type { FoundPeer } from './peers.ts';
import { measurePrimitives, primitivesLine } from './primitives.ts';

/** What a reader needs to know of the machine to judge the numbers. */
export interface Machine {
  date: string;
  cpu: string;
  cores: number;
  memoryBytes: number;
  system: string;
  node: string;
  /** Place to "ext4 on /dev/sda1". */
  fileSystems: Record<string, string>;
  peers: Record<string, string>;
  /** Processor time for a byte of each thing that a load cannot do without, seconds. */
  secondsAByte: Record<string, number>;
}

export function describeMachine(
  places: { name: string; dir: string }[],
  peers: FoundPeer[],
): Machine {
  return {
    date: new Date().toISOString().slice(0, 10),
    cpu: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    system: `${systemName()} ${release()}`,
    node: process.version,
    fileSystems: Object.fromEntries(places.map(({ name, dir }) => [name, fileSystemOf(dir)])),
    secondsAByte: places[0] ? measurePrimitives(places[0].dir) : {},
    peers: Object.fromEntries(
      peers.map(({ peer, version, missing }) => [
        peer,
        version ?? `missing (${missing.join(', ')})`,
      ]),
    ),
  };
}

/** Type and device of the mount that a directory lies on. */
function fileSystemOf(dir: string): string {
  try {
    const mounts = readFileSync('/proc/self/mounts', 'utf8')
      .split('\n')
      .map((line) => line.split(' '))
      .filter(([, at = '']) => at === '/' || dir === at || dir.startsWith(`${at}/`))
      .sort(([, a = ''], [, b = '']) => b.length - a.length);
    const [device, , kind] = mounts[0] ?? [];
    return kind ? `${kind} on ${device}` : 'unknown';
  } catch {
    return 'unknown';
  }
}

/** The facts as lines of a Markdown list. */
export function machineLines(machine: Machine): string[] {
  const { date, cpu, cores, memoryBytes, system, node, fileSystems, peers } = machine;
  const memory = `${Math.round(memoryBytes / (1024 * MiB))} GiB`;
  const listed = (facts: Record<string, string>) =>
    Object.entries(facts)
      .map(([name, fact]) => `${name}: ${fact}`)
      .join('; ');
  return [
    `- ${date}; ${cpu}, ${cores} cores, ${memory}; ${system}; Node ${node}`,
    `- file systems: ${listed(fileSystems)}`,
    ...(Object.keys(machine.secondsAByte).length > 0
      ? [`- ${primitivesLine(machine.secondsAByte, cores)}`]
      : []),
    ...(Object.keys(peers).length > 0 ? [`- peers: ${listed(peers)}`] : []),
  ];
}
