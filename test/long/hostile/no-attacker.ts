// What attacks are compared with: a process that does nothing.
process.on('disconnect', () => process.exit());
process.send?.({});
process.disconnect();
