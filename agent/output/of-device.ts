import type { Output } from './output.ts';

/** An output of which each line says which device it is about: several are worked on at once. */
export function outputOfDevice(output: Output, device: string): Output {
  return {
    ...output,
    event: (event) => output.event(event, device),
    note: (text) => output.note(`${device}: ${text}`),
  };
}
