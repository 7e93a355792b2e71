import { BoonerProvider } from '@booner/react';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { createDashboardRouter } from './router.tsx';
import './styles.css';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no element #root');

/** For what is asked for once; what is live comes by the client's stores. */
const queries = new QueryClient({ defaultOptions: { queries: { retry: 1, staleTime: 30_000 } } });

createRoot(root).render(
  <StrictMode>
    <BoonerProvider>
      <QueryClientProvider client={queries}>
        <RouterProvider router={createDashboardRouter()} />
      </QueryClientProvider>
    </BoonerProvider>
  </StrictMode>,
);
