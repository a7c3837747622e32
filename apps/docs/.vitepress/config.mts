import { cpSync, existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { drawMermaid } from './mermaid.mts';

const folder = fileURLToPath(new URL('..', import.meta.url));
const has = (path: string) => existsSync(join(folder, path));
/** Entries of pages that a script writes, if it has written them. */
const generated = (path: string, text: string, link = `/${path.replace('.md', '')}`) =>
  has(path) ? [{ text, link }] : [];
// The reference is a site of its own if it is HTML: the browser then loads it instead of the router.
const api = has('api/index.html')
  ? [{ text: 'API', link: '/api/index.html', target: '_self' }]
  : generated('api/index.md', 'API', '/api/');

export default defineConfig({
  title: 'DICOM networking for Node.js',
  description: 'DIMSE in TypeScript: associations, messages and service classes in both roles',
  lang: 'en',
  head: [['link', { rel: 'icon', href: '/icon.svg' }]],
  lastUpdated: false,
  srcExclude: ['node_modules/**', 'README.md'],
  rewrites: { 'decisions/README.md': 'decisions/index.md' },
  markdown: { config: drawMermaid, theme: { light: 'github-light-high-contrast', dark: 'github-dark' } },
  // The reference that is HTML becomes part of the site as it is.
  buildEnd: ({ outDir }) => {
    if (has('api/index.html')) cpSync(join(folder, 'api'), join(outDir, 'api'), { recursive: true });
  },
  // Vite's own dead-link check covers pages; check-links.mjs covers anchors, images and the reference.
  ignoreDeadLinks: [/\/api\//],
  themeConfig: {
    // The whole title is wider than the column on a phone.
    siteTitle: 'DICOM for Node.js',
    search: { provider: 'local', options: { detailedView: true } },
    outline: [2, 3],
    nav: [
      { text: 'Guide', link: '/guide/getting-started', activeMatch: '/guide/' },
      { text: 'Operating', link: '/operate/', activeMatch: '/operate/' },
      { text: 'Moving over', link: '/moving/dcmtk', activeMatch: '/moving/' },
      { text: 'Troubleshooting', link: '/troubleshooting/symptoms', activeMatch: '/troubleshooting/' },
      ...api,
    ],
    sidebar: [
      {
        text: 'Start',
        items: [
          { text: 'Getting started', link: '/guide/getting-started' },
          { text: 'Concepts', link: '/guide/concepts' },
          { text: 'Versions', link: '/guide/versions' },
          { text: 'Intended use', link: '/guide/intended-use' },
        ],
      },
      {
        text: 'Build',
        items: [
          { text: 'Build an SCU', link: '/guide/scu' },
          { text: 'Build an SCP', link: '/guide/scp' },
          { text: 'Queries', link: '/guide/queries' },
          { text: 'Retrieval', link: '/guide/retrieval' },
          { text: 'Your own service class', link: '/guide/own-service-class' },
          { text: 'Streaming and backpressure', link: '/guide/streaming' },
          { text: 'TLS', link: '/guide/tls' },
          { text: 'Asynchronous operations', link: '/guide/asynchronous-operations' },
          { text: 'Errors and retry', link: '/guide/errors' },
          { text: 'Embedding', link: '/guide/embedding' },
          { text: 'Testing your application', link: '/guide/testing' },
        ],
      },
      {
        text: 'Data and workflow',
        items: [
          { text: 'Data sets and files', link: '/guide/data-sets' },
          { text: 'Compressed pixel data', link: '/guide/compressed-pixel-data' },
          { text: 'With dcmjs', link: '/guide/dcmjs' },
          { text: 'Workflow: steps, commitment, work items', link: '/guide/workflow' },
          { text: 'Store and forward', link: '/guide/store-and-forward' },
          { text: 'Printing', link: '/guide/printing' },
        ],
      },
      {
        text: 'Deeper',
        items: [
          { text: 'Associations', link: '/guide/associations' },
          { text: 'The state machine', link: '/guide/state-machine' },
          { text: 'Recording and replaying', link: '/guide/recording' },
          { text: 'Memory and limits', link: '/guide/memory' },
          ...generated('guide/opentelemetry.md', 'OpenTelemetry'),
        ],
      },
      {
        text: 'Operating dimse-scp',
        items: [
          { text: 'Install and run', link: '/operate/' },
          { text: 'Data folder and durability', link: '/operate/data-folder' },
          { text: 'Areas, deleting, retention', link: '/operate/areas-and-quotas' },
          { text: 'Forwarding and hooks', link: '/operate/forwarding' },
          { text: 'Services of the archive', link: '/operate/services' },
          { text: 'Metrics, page and logs', link: '/operate/monitoring' },
          { text: 'Load balancers', link: '/operate/load-balancers' },
          { text: 'Backup and upgrade', link: '/operate/backup-and-upgrade' },
          { text: 'Several processes', link: '/operate/several-processes' },
          { text: 'Capacity', link: '/operate/capacity' },
          { text: 'Security', link: '/operate/security' },
        ],
      },
      {
        text: 'Moving over',
        items: [
          { text: 'From DicomNet', link: '/moving/dicomnet' },
          { text: "From DCMTK's tools", link: '/moving/dcmtk' },
          { text: 'From dcmjs-dimse', link: '/moving/dcmjs-dimse' },
          { text: 'From pynetdicom', link: '/moving/pynetdicom' },
        ],
      },
      {
        text: 'Troubleshooting',
        items: [
          { text: 'By symptom', link: '/troubleshooting/symptoms' },
          { text: 'By error code', link: '/troubleshooting/codes' },
        ],
      },
      {
        text: 'Project',
        items: [
          { text: 'Benchmark method', link: '/benchmark' },
          ...generated('speed.md', 'Measured speed'),
          { text: 'Architecture', link: '/architecture' },
          { text: 'Decisions', link: '/decisions/' },
        ],
      },
    ],
  },
});
