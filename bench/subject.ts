import type { Server } from 'node:http';

/** What is measured: creates a server that does not listen yet, on which `PUT /sessions/new` opens a session. */
export type Subject = (argument?: string) => Server | Promise<Server>;
