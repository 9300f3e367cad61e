import type { Category } from './bad-input.js';
import { contentEncodings } from './content-encodings.js';
import { contentTypes } from './content-types.js';
import { cookies } from './cookies.js';
import { fields } from './fields.js';
import { headers } from './headers.js';
import { jsonShapes } from './json-shapes.js';
import { jsonSyntax } from './json-syntax.js';
import { methodsAndPaths } from './methods.js';
import { pathIds } from './path-ids.js';
import { prototypeKeys } from './prototype-keys.js';
import { queries } from './queries.js';
import { sizes } from './sizes.js';
import { wordNew } from './word-new.js';

/** The whole catalogue, in the order of the parts of a request. */
export const CATEGORIES: readonly Category[] = [
  pathIds,
  wordNew,
  methodsAndPaths,
  contentTypes,
  contentEncodings,
  sizes,
  jsonSyntax,
  jsonShapes,
  fields,
  prototypeKeys,
  headers,
  cookies,
  queries,
];
