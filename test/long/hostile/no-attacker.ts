// What attacks are compared with: a process that is there and does nothing.
process.on('disconnect', () => process.exit());
process.send?.({});
process.disconnect();
