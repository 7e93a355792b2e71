import { createBoonerClient } from '@booner/client';
import { BoonerProvider } from '@booner/react';
import { QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { accessQuery } from './access/access-query.ts';
import { createQueryClient } from './access/query-client.ts';
import { holdSignInLink } from './access/sign-in-link.ts';
import { holdAcknowledgeLink } from './alerts/link/held-link.ts';
import { createDashboardRouter } from './router.tsx';
import './styles.css';

const root = document.getElementById('root');
if (root === null) throw new Error('the page has no element #root');

holdSignInLink();
holdAcknowledgeLink();
const client = createBoonerClient();
const queries = createQueryClient();
// Starts now, while the first view loads, which needs the answer.
void queries.prefetchQuery(accessQuery(client));

createRoot(root).render(
  <StrictMode>
    <BoonerProvider client={client}>
      <QueryClientProvider client={queries}>
        <RouterProvider router={createDashboardRouter()} />
      </QueryClientProvider>
    </BoonerProvider>
  </StrictMode>,
);
