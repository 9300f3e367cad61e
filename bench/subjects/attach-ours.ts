import { createMemoryStore } from '../../dist/esm/index.js';
import { createOurHost } from '../our-host.ts';

export default function ourMiddleware() {
  return createOurHost(createMemoryStore());
}
