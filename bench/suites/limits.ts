import type { Section } from '../section.ts';
import { describeSetting } from '../setting.ts';
import { POSTGRES_LIMITS, postgresLimits } from './postgres-limits.ts';
import { REDIS_LIMITS, redisLimits } from './redis-limits.ts';

/** What one method costs an engine, with its own load generator. */
export interface EngineLimit {
  readonly engine: string;
  readonly method: string;
  /** As the load generator counted. */
  readonly perSecond: number;
  /** The CPU time of the engine for each, in µs. */
  readonly cpu: number;
}

export interface EngineLimits {
  readonly version: string;
  readonly limits: readonly EngineLimit[];
  /** What a session takes, with its indexes, in the memory of Redis or on the disk of Postgres. */
  readonly bytes: number;
}

/** How many calls of our stores an engine can do on one core, for a plan of capacity. */
export async function runLimits(): Promise<Section> {
  const redis = await redisLimits();
  const postgres = await postgresLimits();
  const all = [
    { ...redis, how: REDIS_LIMITS },
    { ...postgres, how: POSTGRES_LIMITS },
  ];
  return {
    title: 'Engine limits: the commands and statements of our stores, on one core of the server',
    columns: [
      'engine',
      'method',
      'CPU time each, µs',
      'so a core does, a second',
      'did, a second',
      'bytes a session',
      'loaded by',
    ],
    rows: all.flatMap(({ limits, bytes, how }) =>
      limits.map(({ engine, method, perSecond, cpu }) => [
        engine,
        method,
        cpu.toFixed(1),
        Math.round(1e6 / cpu).toLocaleString('en'),
        Math.round(perSecond).toLocaleString('en'),
        `${bytes}`,
        how,
      ]),
    ),
    setting: describeSetting([], redis.version, postgres.version),
    measured: { redis, postgres },
  };
}
