import importExportJson from './import-export.json' with { type: 'json' };
import snowballJson from './snowball.json' with { type: 'json' };

/** The wire shapes of the two services, made by compact.mjs from botocore's service models. */

export interface Shape {
  type: string;
  required?: string[];
  /** Member name → shape name. */
  members?: Record<string, string>;
  /** Of a list: shape of its items. */
  member?: string;
  enum?: string[];
  pattern?: string;
  min?: number;
  max?: number;
}

export interface Operation {
  input?: string;
  output?: string;
  /** Errors that the operation declares. */
  errors: string[];
}

export interface ServiceModel {
  apiVersion: string;
  targetPrefix?: string;
  xmlNamespace?: string;
  operations: Record<string, Operation>;
  shapes: Record<string, Shape>;
}

export const SNOWBALL_MODEL: ServiceModel = snowballJson;
export const IMPORT_EXPORT_MODEL: ServiceModel = importExportJson;

/** The members of an input or output that the wire carries, by name. */
export type Members = Record<string, unknown>;

const STRUCTURE: Shape = { type: 'structure', members: {} };

/** The shape of a name; an operation without input or output has an empty structure. */
export const shapeOf = (model: ServiceModel, name: string | undefined): Shape =>
  (name === undefined ? undefined : model.shapes[name]) ?? STRUCTURE;
