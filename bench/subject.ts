import type { Server } from 'node:http';

/** What is measured: a server that listens nowhere yet. Every one opens a session on `PUT /sessions/new`. */
export type Subject = (...args: string[]) => Server | Promise<Server>;
