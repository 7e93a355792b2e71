import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { compression } from 'vite-plugin-compression2';

/** Address of the hub that `npm run dev` in this folder shows. */
const HUB = process.env.BOONER_HUB ?? 'http://localhost:8000';

export default defineConfig({
  plugins: [
    react(),
    tailwindcss(),
    // The hub sends these files unchanged to clients that accept them.
    compression({ algorithms: ['gzip', 'brotliCompress'], threshold: 1024 }),
  ],
  build: { target: 'es2022', assetsInlineLimit: 0, modulePreload: { polyfill: false } },
  server: {
    proxy: Object.fromEntries(
      [
        '/alert-channels',
        '/alert-deliveries',
        '/alert-links',
        '/alert-rules',
        '/alerts',
        '/audit',
        '/auth',
        '/heartbeats',
        '/history',
        '/hooks',
        '/quiet-hours',
        '/readyz',
        '/rollouts',
        '/runners',
        '/schedules',
        '/secret-keys',
        '/secrets',
        '/silences',
        '/system',
        '/targets',
        '/tasks',
        '/tokens',
        '/ws',
      ].map((path) => [path, { target: HUB, ws: true, changeOrigin: true }]),
    ),
  },
});
