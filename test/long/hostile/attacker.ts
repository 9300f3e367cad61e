// Runs one attack in a process of its own, and reports what it counted.
import { makeAttack } from './attacks.js';

const { name, port, duration } = JSON.parse(process.argv[2] ?? '') as {
  name: string;
  port: number;
  duration: number;
};
process.on('disconnect', () => process.exit());
const end = performance.now() + duration;
process.send?.(await makeAttack(name, port, () => performance.now() > end));
process.disconnect();
