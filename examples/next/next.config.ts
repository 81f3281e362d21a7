import type { NextConfig } from 'next';

export default {
  // This folder alone, wherever it stands.
  turbopack: { root: import.meta.dirname },
} satisfies NextConfig;
