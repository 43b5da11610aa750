// A stand-in for the analysis server that is easy to put into a bad way. It answers one word with another.
process.on('message', (word) => {
  if (word === 'die') process.exit(3);
  if (word === 'hang') for (;;);
  if (word === 'shutdown') process.exit(0);
  process.send(`${word}!`);
});
