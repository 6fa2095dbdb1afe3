// Events to begin with.  All of the people and shops are made up.

const PAGE = {
    url: 'https://shop.example/thanks?epik=dj0yJnU9click&step=3',
    title: 'Thank you',
};

const AGENT = 'Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0';


export const EXAMPLES = [
    {
        name: 'Order completed, with products',
        body: {
            type: 'track',
            event: 'Order Completed',
            messageId: 'm-1001',
            properties: {
                order_id: 'A-1001',
                total: 89.7,
                currency: 'eur',
                coupon: 'SPRING',
                store: 'Bonn',
                products: [
                    { product_id: 'S-1', name: 'Linen shirt', price: 39.9, quantity: 2, category: 'Shirts' },
                    { product_id: 'S-2', name: 'Socks', price: '9,90', quantity: 1 },
                ],
            },
            context: { page: PAGE, traits: { email: ' Jane.Doe@Example.com ' } },
        },
    },
    {
        name: 'Page',
        body: {
            type: 'page',
            name: 'Home',
            messageId: 'm-1002',
            properties: { title: 'Home', path: '/', url: 'https://shop.example/', section: 'start' },
            context: { page: { url: 'https://shop.example/' } },
        },
    },
    {
        name: 'Lead',
        body: {
            type: 'track',
            event: 'Lead',
            messageId: 'm-1003',
            properties: { lead_type: 'Newsletter', value: '12.50', currency: 'USD' },
            context: { page: { url: 'https://shop.example/newsletter' } },
        },
    },
    {
        name: 'Consent denied (skipped where consentCategories has Advertising)',
        body: {
            type: 'track',
            event: 'Product Added',
            messageId: 'm-1004',
            properties: { product_id: 'S-1', name: 'Linen shirt', price: 39.9, currency: 'EUR' },
            context: { consent: { categoryPreferences: { Advertising: false, Functional: true } } },
        },
    },
    {
        name: 'Pinterest turned off by the event',
        body: {
            type: 'track',
            event: 'Product Added',
            messageId: 'm-1010',
            properties: { product_id: 'S-1', name: 'Linen shirt', price: 39.9, currency: 'EUR' },
            integrations: { All: true, Pinterest: false },
        },
    },
    {
        name: 'Personal data in properties and in a URL',
        body: {
            type: 'track',
            event: 'Signup Finished',
            messageId: 'm-1005',
            properties: {
                plan: 'yearly',
                first_name: 'Jane',
                customerPhone: '+49 228 123456',
                note: 'please write to jane.doe@example.com',
                billing_address: { street: 'Market Square 1', city: 'Bonn' },
                landing: 'https://shop.example/join?email=jane.doe%40example.com&ref=summer',
            },
            context: { page: { url: 'https://shop.example/welcome?token=abc123&step=2' } },
        },
    },
    {
        name: 'Identity for the Conversions API',
        body: {
            type: 'track',
            event: 'Order Completed',
            messageId: 'm-1006',
            userId: 'U-4711',
            properties: { order_id: 'A-1006', revenue: 120, currency: 'USD' },
            traits: {
                email: 'jane.doe@example.com',
                phone: '+1 (303) 555-0100',
                firstName: 'Jane',
                lastName: 'Doe',
                birthday: '1990-04-02',
                address: { city: 'Denver', state: 'CO', postalCode: '80202', country: 'US' },
            },
            context: { ip: '203.0.113.7', userAgent: AGENT, locale: 'en-US', page: { url: 'https://shop.example/thanks' } },
        },
    },
    {
        name: 'A batch: two events and an identify call',
        body: {
            batch: [
                { type: 'track', event: 'Products Searched', messageId: 'm-1007', properties: { query: 'linen shirt' } },
                { type: 'identify', messageId: 'm-1008', userId: 'U-4711', traits: { plan: 'yearly' } },
                { type: 'track', event: 'Quote Requested', messageId: 'm-1009', properties: { size: 'L', amount: 3 } },
            ],
            context: { ip: '203.0.113.7', userAgent: AGENT },
        },
    },
];
