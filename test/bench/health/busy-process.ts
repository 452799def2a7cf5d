/** Keeps one core busy until it is ended. */
process.send?.({ busy: true });
const burn = (): void => {
  const until = performance.now() + 50;
  while (performance.now() < until);
  setImmediate(burn);
};
burn();
