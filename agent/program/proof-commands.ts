import type { Command } from 'commander';
import { downloadProof, verifyProof } from '../commands/proof.ts';
import {
  add,
  type Runner,
  withConsole,
  withFile,
  withStoreTarget,
  withTrust,
} from './add-command.ts';

/** Commands about proofs of transfer. */
export function proofCommands(root: Command, job: Command, run: Runner): void {
  withFile(withConsole(add(job, 'proof')))
    .argument('<job>', 'id of the job')
    .action((id, options) => run((context) => downloadProof(id, options, context)));
  withStoreTarget(withTrust(withConsole(add(add(root, 'proof'), 'verify'))))
    .argument('<file>', 'proof of transfer')
    .option(
      '--store <place>',
      'compare with this store: s3://BUCKET[/FOLDER], or the directory of a bucket',
    )
    .option('--read', 'read every object, also where the store can say its checksum')
    .action((file, options) => run((context) => verifyProof(file, options, context)));
}
