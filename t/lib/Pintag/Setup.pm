package Pintag::Setup;

# What several tests set up alike.

use strict;
use warnings;

use Exporter 'import';
use JSON::PP;
use Pintag::Nginx;

our @EXPORT = qw(collector batch events_of order answer_of);

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


# an event that reaches the stand-in with its number
sub order {
    my $n = shift;
    return { type => 'track', event => 'Order Completed', messageId => "m-$n",
             properties => { order_id => "o-$n" } };
}


sub batch { return $json->encode({ batch => [map { order($_) } @_] }) }


# the numbers of the orders that a stand-in has got, in the order of arrival
sub events_of { return map { $_->{uri} =~ /ed\[order_id\]=o-(\d+)/ } @_ }


sub answer_of {
    my $answer = shift // return {};
    return eval { $json->decode($answer->{body}) } // {};
}


1;
