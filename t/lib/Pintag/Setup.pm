package Pintag::Setup;

# What several tests set up alike.

use strict;
use warnings;

use Exporter 'import';
use JSON::PP;
use Pintag::Nginx;

our @EXPORT = qw(collector location nginx_version batch events_of order answer_of listen_http2
                 api_nginx api_order api_batch api_events_of api_sizes ACCOUNT TOKEN);

use constant ACCOUNT => '549755885175';
use constant TOKEN => 'pina_0123456789';

my $json = JSON::PP->new->canonical;


# An http part that collects at /collect and delivers to 127.0.0.1:$port.
# Options: collect, pinterest (lines for these locations), server, listen,
# integrations (a file), at (what to collect at instead).
sub collector {
    my ($port, %args) = @_;

    $_ //= '' for @args{qw(collect pinterest server http)};
    $args{listen} //= '127.0.0.1:%%PORT%%';
    $args{integrations} //= '%%DATA%%/integrations.yaml';
    $args{at} //= '= /collect';

    return <<"END";
    upstream pinterest { server 127.0.0.1:$port; keepalive 16; }

    $args{http}

    server {
        listen $args{listen};
        $args{server}

        location $args{at} {
            pintag_integrations $args{integrations};
            pintag_pass /pinterest;
            $args{collect}
        }

        location /pinterest/ {
            internal;
            proxy_pass http://pinterest/;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            $args{pinterest}
        }
    }
END
}


# one more location that collects, with these lines, for "server" of collector()
sub location {
    my ($name, @lines) = @_;

    return <<"END";
        location $name {
            pintag_integrations %%DATA%%/integrations.yaml;
            pintag_pass /pinterest;
            @lines
        }
END
}


# 1.025001 for 1.25.1
sub nginx_version {
    my $nginx = $ENV{TEST_NGINX_BINARY} || 'nginx';

    return sprintf '%d.%03d%03d', `'$nginx' -v 2>&1` =~ m{nginx/(\d+)\.(\d+)\.(\d+)};
}


# "listen" for HTTP/2, which nginx 1.25.1 made a directive
sub listen_http2 {
    return nginx_version() >= 1.025001
        ? "listen $_[0]; http2 on;" : "listen $_[0] http2;";
}


# an event that reaches the stand-in with its number
sub order {
    my $n = shift;
    return { type => 'track', event => 'Order Completed', messageId => "m-$n",
             properties => { order_id => "o-$n" } };
}


sub batch { return $json->encode({ batch => [map { order($_) } @_] }) }


# the numbers of the orders that a stand-in has got, in the order of arrival
sub events_of { return map { $_->{uri} =~ /ed\[order_id\]=o-(\d+)/ } @_ }


# An nginx whose /collect delivers to the Conversions API at 127.0.0.1:$port.
# Options: those of collector(); config (more lines of the entry), files, and
# what Pintag::Nginx takes.
sub api_nginx {
    my ($port, %args) = @_;
    my $config = delete $args{config} // '';
    my %nginx = map { exists $args{$_} ? ($_ => delete $args{$_}) : () }
                qw(workers level main events ports no_start);
    my %files = %{ delete $args{files} // {} };

    $config =~ s/^(?=.)/    /mg;
    $files{'api.yaml'} = <<"END";
- name: pinterest
  config:
    adAccountId: "@{[ACCOUNT]}"
    accessToken: "@{[TOKEN]}"
    limitedDataProcessing: {state: CA, country: US}
$config
END

    return Pintag::Nginx->new(%nginx, files => \%files,
        http => collector($port, integrations => '%%DIR%%/conf/api.yaml', %args));
}


# the same for the Conversions API, which wants to know whose it is
sub api_order {
    my ($n, %properties) = @_;
    my $order = order($n);

    $order->{context} = { ip => '192.0.2.1', userAgent => 'Mozilla/5.0' };
    $order->{properties} = { %{ $order->{properties} }, %properties };
    return $order;
}


sub api_batch { return $json->encode({ batch => [map { ref $_ ? $_ : api_order($_) } @_] }) }


# the numbers of the orders in what a stand-in has got, in their order
sub api_events_of { return map { $_->{body} =~ /"order_id":"o-(\d+)"/g } @_ }


# how many events each request had
sub api_sizes { return map { scalar(() = $_->{body} =~ /"event_name":/g) } @_ }


sub answer_of {
    my $answer = shift // return {};
    return eval { $json->decode($answer->{body}) } // {};
}


1;
