// Uses one subpath of the package after the other, and has no reason to live on then.
for (const name of process.argv.slice(2)) {
  const { use } = await import(`./uses/${name}.js`);
  await use();
  console.log(name);
}
