import { defineConfig } from 'vitepress';

/** The pages are written into `pages/` by scripts/site/main.mjs. */
export default defineConfig({
  title: 'Layerglass',
  description: 'Look inside trained Keras and TensorFlow.js models: layers, values, explanations.',
  srcDir: 'pages',
  cleanUrls: false,
  // Where it is served below another address, as on GitHub's pages: `SITE_BASE=/layerglass/ npm run site`.
  base: process.env.SITE_BASE ?? '/',
  head: [['link', { rel: 'icon', href: `${process.env.SITE_BASE ?? '/'}icon.png` }]],
  // A link that leads to no page fails the build.
  ignoreDeadLinks: false,
  themeConfig: {
    logo: '/icon.png',
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Start', link: '/start' },
      { text: 'Methods', link: '/methods' },
      { text: 'Commands', link: '/commands' },
      { text: 'Messages', link: '/messages' },
    ],
    sidebar: [
      {
        text: 'Start',
        items: [
          { text: 'In five minutes', link: '/start' },
          { text: 'A walk through it', link: '/walkthrough' },
          { text: 'Five scenarios', link: '/scenarios' },
          { text: 'The samples', link: '/samples' },
          { text: 'Every page in pictures', link: '/pages' },
        ],
      },
      {
        text: 'Use',
        items: [
          { text: 'Explanation methods', link: '/methods' },
          { text: 'Every command', link: '/commands' },
          { text: 'Messages and their way out', link: '/messages' },
          { text: 'Command line', link: '/cli' },
          { text: 'Folders and CI', link: '/batch' },
          { text: 'On a cluster', link: '/cluster' },
          { text: 'Custom layers', link: '/custom-layers' },
          { text: 'Security', link: '/security' },
          { text: 'Changes', link: '/changelog' },
        ],
      },
      {
        text: 'How right, how fast',
        collapsed: true,
        items: [
          { text: 'What is computed', link: '/numerics' },
          { text: 'Layers against Keras', link: '/conformance' },
          { text: 'Random models against Keras', link: '/conformance-random' },
          { text: 'keras.applications', link: '/applications' },
          { text: 'Methods against others', link: '/methods-accuracy' },
          { text: 'How faithful methods are', link: '/evaluation' },
          { text: 'Benchmarks', link: '/benchmarks' },
          { text: 'Mutated files', link: '/fuzzing' },
        ],
      },
      {
        text: 'Contribute',
        collapsed: true,
        items: [
          { text: 'Working on Layerglass', link: '/development' },
          { text: 'How to add things', link: '/contributing' },
          { text: 'Architecture', link: '/architecture' },
          { text: 'The extension', link: '/extension' },
          { text: 'Dependencies', link: '/dependencies' },
          { text: 'Publishing', link: '/publishing' },
        ],
      },
    ],
  },
});
