// Preloaded into a child: on its way out it writes the most memory that it ever held, in bytes.
const { existsSync, readFileSync, writeFileSync } = require('node:fs');

/** Linux counts what the parent held at the fork to `maxRSS`, but not to this. */
const STATUS = '/proc/self/status';

process.on('exit', () => {
  const peak = existsSync(STATUS) ? /VmHWM:\s*(\d+) kB/.exec(readFileSync(STATUS, 'utf8')) : null;
  const kilobytes = peak ? Number(peak[1]) : process.resourceUsage().maxRSS;
  writeFileSync(process.env.LAYERGLASS_PEAK, String(kilobytes * 1024));
});
