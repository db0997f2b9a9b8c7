import type { Command } from 'commander';
import { keepFunction, listFunctions, removeFunction, showFunction } from '../commands/function.ts';
import { whole } from '../host/option-values.ts';
import { add, type Runner, withConsole } from './add-command.ts';

/** `waybill function …`: functions that the console keeps by name. */
export function functionCommands(functions: Command, run: Runner): void {
  withConsole(add(functions, 'list')).action((options) =>
    run((context) => listFunctions(options, context)),
  );
  withConsole(add(functions, 'show'))
    .argument('<name>', 'name of the function')
    .action((name, options) => run((context) => showFunction(name, options, context)));
  withConsole(add(functions, 'keep'))
    .argument('<name>', 'name of the function, the last part of its ARN')
    .requiredOption('--file <file>', 'the code, one ES module')
    .option('--handler <name>', 'the export to call (default: handler)')
    .option('--memory <mb>', 'megabytes of its process', whole(64, 8192))
    .option('--timeout <ms>', 'milliseconds of an invocation', whole(100, 900_000))
    .option('--network', 'it asks for the network; the policy of the host decides')
    .action((name, options) => run((context) => keepFunction(name, options, context)));
  withConsole(add(functions, 'remove'))
    .argument('<name>', 'name of the function')
    .action((name, options) => run((context) => removeFunction(name, options, context)));
}
