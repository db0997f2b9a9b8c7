import type { OptionValue } from '../domain/processing.ts';

/** A key in the pieces that a template can name: `a/b.tar.gz` is `a/`, `b.tar`, `.gz`. */
export function keyParts(key: string): { key: string; dir: string; stem: string; ext: string } {
  const dir = key.slice(0, key.lastIndexOf('/') + 1);
  const name = key.slice(dir.length);
  const dot = name.lastIndexOf('.');
  const stem = dot > 0 ? name.slice(0, dot) : name;
  return { key, dir, stem, ext: name.slice(stem.length) };
}

/** A template that is filled for every object: what it is cut into is worked out once. `fixed` are the step's options. */
export function templateFiller(
  template: string,
  fixed: Record<string, OptionValue>,
): (values: Record<string, string>) => string {
  const pieces = template.split(/(\{\w+\})/);
  return (values) => {
    let text = '';
    for (const piece of pieces) {
      const name = piece.startsWith('{') ? piece.slice(1, -1) : undefined;
      const value = name === undefined ? undefined : (values[name] ?? fixed[name]);
      text += typeof value === 'string' || typeof value === 'number' ? value : piece;
    }
    return text;
  };
}

/** Fills `{name}` in a template; what is not known stays as it is, as the braces of globs do. */
export function fillTemplate(template: string, values: Record<string, OptionValue>): string {
  return template.replace(/\{(\w+)\}/g, (all, name: string) => {
    const value = values[name];
    return typeof value === 'string' || typeof value === 'number' ? String(value) : all;
  });
}
