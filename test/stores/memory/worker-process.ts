// A process with one worker, which creates two memory stores.
import cluster from 'node:cluster';
import { createMemoryStore } from '../../../src/stores/memory.js';

if (cluster.isPrimary) {
  cluster.fork();
} else {
  createMemoryStore();
  createMemoryStore();
  process.disconnect();
}
