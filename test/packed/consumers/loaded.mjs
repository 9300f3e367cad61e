// Imports the package after Express, and prints which modules that loads: files below node_modules, and modules of Node by their names.
import inspector from 'node:inspector';
import { builtinModules } from 'node:module';
import 'express';

const loaded = [];
const session = new inspector.Session();
session.connect();
session.on('Debugger.scriptParsed', ({ params: { url } }) => loaded.push(url));
session.post('Debugger.enable');
loaded.length = 0;
await import('express-session-info');
session.disconnect();

const name = (url) => (url.startsWith('node:') ? url : url.split('/node_modules/').pop());
const isKnown = (name) => !name.startsWith('node:') || builtinModules.includes(name.slice('node:'.length));
console.log(JSON.stringify(loaded.map(name).filter((each) => each !== '' && isKnown(each))));
