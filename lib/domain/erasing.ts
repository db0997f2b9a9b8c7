/** How devices are erased, and what that is in the words of NIST SP 800-88 Rev. 1 ("Guidelines for Media Sanitization"). */

interface MethodRow {
  /** What was done, as a certificate says it. */
  done: string;
  /** The technique of SP 800-88 that it is.. */
  technique: 'clear' | 'purge';
  /** What it does not do. */
  limits: string;
}

export const ERASE_METHODS = {
  overwrite: {
    done: 'every file of the volume overwritten with zeros once through the file system, then removed',
    technique: 'clear',
    limits:
      'Clear, as far as a file system reaches: not blocks that the drive has retired or keeps spare, not what wear levelling of flash left elsewhere, not free space of earlier use. The volume was encrypted unless it says otherwise.',
  },
  discard: {
    done: 'every file of the volume overwritten with zeros once and removed, then the whole block device discarded (blkdiscard)',
    technique: 'clear',
    limits:
      'Clear by the overwriting. Discarding tells the drive that no block holds data; SP 800-88 does not count on it, as the drive may erase the cells later or never, and spare blocks are not reached for certain.',
  },
  sanitize: {
    done: 'every file of the volume overwritten with zeros once and removed, then the whole drive erased by its own sanitize command',
    technique: 'purge',
    limits:
      'Purge, as the drive itself carries it out and reports it: blocks that a host cannot address are reached by the drive’s firmware, whose word is taken. The medium was not read back by a laboratory.',
  },
} as const satisfies Record<string, MethodRow>;

export type EraseMethod = keyof typeof ERASE_METHODS;
export const ERASE_METHOD_NAMES = Object.keys(ERASE_METHODS) as [EraseMethod, ...EraseMethod[]];

/** What is known of the medium of a device, and how it was erased besides its files. */
export interface ErasedMedium {
  way: EraseMethod;
  /** The command that the drive was given, without what is secret in it. */
  tool?: string | undefined;
  /** Of the whole disk, as its firmware says it. */
  serial?: string | undefined;
  model?: string | undefined;
  /** A folder of the station's host stood in for a device: it has no medium. */
  simulated?: boolean | undefined;
}
