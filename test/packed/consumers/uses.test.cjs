// Run by Jest as it is, with no transform.
const { readdirSync } = require('node:fs');
const { basename, join } = require('node:path');

for (const file of readdirSync(join(__dirname, 'uses'))) {
  test(basename(file, '.js'), () => require(`./uses/${file}`).use(), 20_000);
}
