/** Thrown by work that was told to stop, at a point from which a later run can go on. It is no error of anybody's. */
export class Stopped extends Error {
  constructor() {
    super('stopped');
    this.name = 'AbortError';
  }
}
