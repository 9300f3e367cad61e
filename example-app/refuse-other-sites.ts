import type { RequestHandler } from 'express';
import { problem } from './problem.js';

/** Browsers send Sec-Fetch-Site with every request to HTTPS and localhost; services do not. */
export const refuseOtherSites: RequestHandler = (req, res, next) => {
  const site = String(req.headers['sec-fetch-site'] ?? 'none');
  if (req.method === 'GET' || req.method === 'HEAD' || ['none', 'same-origin'].includes(site)) next();
  else res.status(403).json(problem('forbidden', 'Not from another site'));
};
