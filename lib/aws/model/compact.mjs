import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/**
 * Makes the compact model beside this file from a service model of botocore (Apache License 2.0):
 *   node lib/aws/model/compact.mjs …/botocore/data/snowball/2016-06-30/service-2.json.gz > lib/aws/model/snowball.json
 * What is kept: operations with input, output and declared errors; shapes with members, required, enum, pattern, bounds.
 */
const [source = ''] = process.argv.slice(2);
const packed = readFileSync(source);
const model = JSON.parse((source.endsWith('.gz') ? gunzipSync(packed) : packed).toString('utf8'));

const { apiVersion, targetPrefix, xmlNamespace } = model.metadata;
const operations = Object.fromEntries(
  Object.entries(model.operations).map(([name, { input, output, errors = [] }]) => [
    name,
    { input: input?.shape, output: output?.shape, errors: errors.map((error) => error.shape) },
  ]),
);
const shapes = Object.fromEntries(
  Object.entries(model.shapes).map(([name, shape]) => {
    const { type, required, members, member, enum: words, pattern, min, max } = shape;
    return [
      name,
      {
        type,
        required,
        enum: words,
        pattern,
        min,
        max,
        member: member?.shape,
        members:
          members && Object.fromEntries(Object.entries(members).map(([key, m]) => [key, m.shape])),
      },
    ];
  }),
);
process.stdout.write(
  `${JSON.stringify({ apiVersion, targetPrefix, xmlNamespace, operations, shapes })}\n`,
);
