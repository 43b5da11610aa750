// Preloaded into a child process: writes its peak memory in bytes when it exits.
const { existsSync, readFileSync, writeFileSync } = require('node:fs');

/** On Linux, `maxRSS` includes the parent's memory at the fork; the peak in this file does not. */
const STATUS = '/proc/self/status';

process.on('exit', () => {
  const peak = existsSync(STATUS) ? /VmHWM:\s*(\d+) kB/.exec(readFileSync(STATUS, 'utf8')) : null;
  const kilobytes = peak ? Number(peak[1]) : process.resourceUsage().maxRSS;
  writeFileSync(process.env.LAYERGLASS_PEAK, String(kilobytes * 1024));
});
