import { WaybillError } from '../../domain/errors.ts';
import { type Members, type ServiceModel, type Shape, shapeOf } from './service-model.ts';

/** One broken constraint, in the words that AWS services use. */
interface Problem {
  text: string;
  /** A member is needed, and not there. */
  isMissing: boolean;
}

/**
 * The members of an operation's input that the model knows, checked for type, required members, enumerations,
 * patterns and bounds. A member that the model does not know is left out, as AWS does. Throws InputMalformed
 * (wrong type), InputMissing and InputInvalid (broken constraints, all of them at once).
 */
export function checkInput(model: ServiceModel, operation: string, input: unknown): Members {
  const problems: Problem[] = [];
  const shape = shapeOf(model, model.operations[operation]?.input);
  const checked = structure(model, shape, input, '', problems);
  if (problems.length > 0) {
    const firstProblems = problems.slice(0, 10).map(({ text }) => text);
    const facts = { count: problems.length, detail: firstProblems.join('; ') };
    const code = problems.every(({ isMissing }) => isMissing) ? 'InputMissing' : 'InputInvalid';
    throw new WaybillError(code, facts);
  }
  return checked;
}

const malformed = (path: string, wanted: string): WaybillError =>
  new WaybillError('InputMalformed', { detail: `${path || 'the input'} is not ${wanted}` });

/** How AWS names a member in a message: its first letter is small. */
const memberPath = (path: string, name: string): string => {
  const small = `${name.charAt(0).toLowerCase()}${name.slice(1)}`;
  return path === '' ? small : `${path}.${small}`;
};

function structure(
  model: ServiceModel,
  shape: Shape,
  value: unknown,
  path: string,
  problems: Problem[],
): Members {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) {
    throw malformed(path, 'a structure');
  }
  const given = new Map<string, unknown>(Object.entries(value));
  const kept: Members = {};
  for (const [name, shapeName] of Object.entries(shape.members ?? {})) {
    const member = given.get(name) ?? undefined;
    const at = memberPath(path, name);
    if (member === undefined) {
      if (shape.required?.includes(name)) {
        const text = `Value null at '${at}' failed to satisfy constraint: Member must not be null`;
        problems.push({ text, isMissing: true });
      }
      continue;
    }
    kept[name] = checkValue(model, shapeOf(model, shapeName), member, at, problems);
  }
  return kept;
}

function checkValue(
  model: ServiceModel,
  shape: Shape,
  value: unknown,
  path: string,
  problems: Problem[],
): unknown {
  switch (shape.type) {
    case 'structure':
      return structure(model, shape, value, path, problems);
    case 'list':
      if (!Array.isArray(value)) throw malformed(path, 'a list');
      return value.map((item, i) =>
        checkValue(model, shapeOf(model, shape.member), item, `${path}.${i + 1}.member`, problems),
      );
    case 'string':
      if (typeof value !== 'string') throw malformed(path, 'text');
      checkText(shape, value, path, problems);
      return value;
    case 'boolean':
      if (typeof value !== 'boolean') throw malformed(path, 'true or false');
      return value;
    default:
      if (typeof value !== 'number' || !Number.isFinite(value)) throw malformed(path, 'a number');
      if (shape.type !== 'double' && shape.type !== 'timestamp' && !Number.isInteger(value)) {
        throw malformed(path, 'a whole number');
      }
      checkNumber(shape, value, path, problems);
      return value;
  }
}

function broken(problems: Problem[], value: string | number, path: string, constraint: string) {
  const text = `Value '${value}' at '${path}' failed to satisfy constraint: ${constraint}`;
  problems.push({ text, isMissing: false });
}

function checkText(shape: Shape, value: string, path: string, problems: Problem[]): void {
  const { enum: words, pattern, min = 0, max = Number.POSITIVE_INFINITY } = shape;
  const excerpt = value.length > 60 ? `${value.slice(0, 60)}…` : value;
  const fails = (constraint: string) => broken(problems, excerpt, path, constraint);
  if (words && !words.includes(value)) {
    fails(`Member must satisfy enum value set: [${words.join(', ')}]`);
  }
  if (value.length < min) fails(`Member must have length greater than or equal to ${min}`);
  if (value.length > max) fails(`Member must have length less than or equal to ${max}`);
  // Beyond its greatest length a text is not put to a pattern.
  else if (pattern && !new RegExp(`^(?:${pattern})$`, 'u').test(value)) {
    fails(`Member must satisfy regular expression pattern: ${pattern}`);
  }
}

function checkNumber(shape: Shape, value: number, path: string, problems: Problem[]): void {
  const { min, max } = shape;
  const fails = (constraint: string) => broken(problems, value, path, constraint);
  if (min !== undefined && value < min)
    fails(`Member must have value greater than or equal to ${min}`);
  if (max !== undefined && value > max)
    fails(`Member must have value less than or equal to ${max}`);
}
